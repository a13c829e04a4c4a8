"""What a person can do and see, whichever door they came by. Every function takes who asks, and checks it."""
