"""The words of the trade: every closed list, each member with its English label and its legal source if it has one.

The labels are translated in the message catalogue (locales/). The open lists, which the law or the map changes
(criteria, territories, limitation periods, evidence), are reference data: see `domain.reference`.
"""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A code that is stored, with the label that is shown and the text of law it rests on, if any."""

    label: str
    basis: str

    def __new__(cls, code: str, label: str, basis: str = "") -> Self:
        term = str.__new__(cls, code)
        term._value_ = code
        term.label = label
        term.basis = basis
        return term


class Step(Term):
    """Where a case stands."""

    INTAKE = "INTAKE", "Intake"
    REFERRAL = "REFERRAL", "Referral"
    EVIDENCE = "EVIDENCE", "Evidence gathering"
    ESCALATION = "ESCALATION", "Escalation to the Defender of Rights"
    CLOSED = "CLOSED", "Closed"
    ERASED = "ERASED", "Erased"


OPEN_STEPS = frozenset({Step.INTAKE, Step.REFERRAL, Step.EVIDENCE, Step.ESCALATION})


class Role(Term):
    """The role of an account says what it may do in general; its relation to a case, what it may do there."""

    CASE_WORKER = "CASE_WORKER", "Case worker"
    SUPERVISOR = "SUPERVISOR", "Supervisor"
    PLAN_LEAD = "PLAN_LEAD", "Plan lead"
    AUDITOR = "AUDITOR", "Auditor"
    ADMINISTRATOR = "ADMINISTRATOR", "Administrator"
    PARTNER = "PARTNER", "Partner"
    COMPLAINANT = "COMPLAINANT", "Complainant"
    SYSTEM = "SYSTEM", "The system's own clock"


class Door(Term):
    """The way by which somebody came who acts: it stands in each line of the book."""

    LOCAL = "local", "On the machine itself"
    SYSTEM = "system", "By itself"
    SESSION = "session", "Signed in"
    CAPABILITY = "capability", "By a link of their own"
    CLIENT = "client", "Through the interface for programs"


class Audience(Term):
    """Who something of a case is shown to. From outside the team nobody sees more than what is named for them."""

    TEAM = "TEAM", "The team"
    ADDRESSEE = "ADDRESSEE", "A partner who has not answered"
    PARTNER = "PARTNER", "The partner"
    COMPLAINANT = "COMPLAINANT", "The person who complains"


class Asked(Term):
    """What a message asks of the team."""

    QUESTION = "QUESTION", "An answer"
    CORRECTION = "CORRECTION", "That something noted be corrected"
    STOP = "STOP", "That everything stop"


class Domain(Term):
    """The area of life in which the treatment took place (loi 2008-496 art. 2; the Defender's own reports)."""

    EMPLOI_PRIVE = "EMPLOI_PRIVE", "Private employment", "loi 2008-496 art. 2, 2°; C. trav. L1132-1"
    EMPLOI_PUBLIC = "EMPLOI_PUBLIC", "Public employment", "CGFP L131-1"
    LOGEMENT_PRIVE = "LOGEMENT_PRIVE", "Private housing", "loi 2008-496 art. 2, 3°; loi 89-462 art. 1"
    LOGEMENT_SOCIAL = "LOGEMENT_SOCIAL", "Social housing", "loi 2008-496 art. 2, 3°"
    SANTE = "SANTE", "Health care", "loi 2008-496 art. 2, 3°; CSP L1110-3"
    EDUCATION_FORMATION = "EDUCATION_FORMATION", "Education and training", "loi 2008-496 art. 2, 2° et 3°"
    BIENS_SERVICES_PRIVES = "BIENS_SERVICES_PRIVES", "Private goods and services", "loi 2008-496 art. 2, 3°"
    SERVICES_PUBLICS = "SERVICES_PUBLICS", "Public services", "loi 2008-496 art. 2, 3°; C. pén. 432-7"
    PROTECTION_SOCIALE = "PROTECTION_SOCIALE", "Social protection", "loi 2008-496 art. 2, 3°"
    POLICE_JUSTICE = "POLICE_JUSTICE", "Police and justice", "CSI R434-11, R434-16"
    REGLEMENTATION = "REGLEMENTATION", "Regulations"
    AUTRE = "AUTRE", "Other domain"


class Act(Term):
    """The acts, in the law's own categories."""

    DIRECTE = "DIRECTE", "Direct discrimination", "loi 2008-496 art. 1 al. 1"
    INDIRECTE = "INDIRECTE", "Indirect discrimination", "loi 2008-496 art. 1 al. 2"
    HARCELEMENT_DISCRIMINATOIRE = (
        "HARCELEMENT_DISCRIMINATOIRE",
        "Discriminatory harassment",
        "loi 2008-496 art. 1 al. 3, 1°",
    )
    HARCELEMENT_SEXUEL = (
        "HARCELEMENT_SEXUEL",
        "Sexual harassment",
        "C. trav. L1153-1; CGFP L133-1; C. pén. 222-33",
    )
    AGISSEMENT_SEXISTE = "AGISSEMENT_SEXISTE", "Sexist conduct", "C. trav. L1142-2-1; CGFP L131-3"
    HARCELEMENT_MORAL = "HARCELEMENT_MORAL", "Bullying", "C. trav. L1152-1; CGFP L133-2"
    INJONCTION = "INJONCTION", "Instruction to discriminate", "loi 2008-496 art. 1 al. 3, 2°"
    REFUS_AMENAGEMENT = (
        "REFUS_AMENAGEMENT",
        "Refusal of reasonable accommodation",
        "C. trav. L5213-6; CGFP L131-8; C. éduc. L112-1",
    )
    REPRESAILLES = "REPRESAILLES", "Retaliation", "loi 2008-496 art. 3; C. trav. L1132-3; CGFP L131-12"
    REFUS_SOINS = "REFUS_SOINS", "Discriminatory refusal of care", "CSP L1110-3"
    PROPOS = "PROPOS", "Hate speech", "loi du 29 juillet 1881 art. 24, 32, 33; C. pén. R625-7 à R625-8-1"
    CONTROLE_FACIES = "CONTROLE_FACIES", "Discriminatory identity check", "CSI R434-11, R434-16"
    AUTRE_INDETERMINE = "AUTRE_INDETERMINE", "Act not yet characterised"


class Channel(Term):
    """The way a complaint came in."""

    DESK = "DESK", "At the desk"
    PHONE = "PHONE", "Telephone"
    POST = "POST", "Post"
    EMAIL = "EMAIL", "E-mail"
    WEB = "WEB", "Web form"
    PARTNER = "PARTNER", "Passed on by a partner"


class Capacity(Term):
    """In what capacity somebody complains (loi organique 2011-333 art. 5)."""

    SELF = "SELF", "The person concerned"
    LEGAL_REPRESENTATIVE = "LEGAL_REPRESENTATIVE", "Legal representative"
    HEIR = "HEIR", "Heir"
    ASSOCIATION = "ASSOCIATION", "Association acting with the person's agreement", "LO 2011-333 art. 5"
    WITNESS = "WITNESS", "Witness"


class RespondentKind(Term):
    """Who is complained of. It decides which court and which time limits apply."""

    PERSON = "PERSON", "Private person"
    COMPANY = "COMPANY", "Company"
    ASSOCIATION = "ASSOCIATION", "Association"
    PUBLIC_BODY = "PUBLIC_BODY", "Public body"
    PROFESSIONAL = "PROFESSIONAL", "Self-employed professional (private practice, office)"
    UNKNOWN = "UNKNOWN", "Not known"


class Relation(Term):
    """The relation of the person to the respondent when it happened. It decides which routes are open."""

    CANDIDATE = "CANDIDATE", "Candidate who was not hired"
    EMPLOYED = "EMPLOYED", "In post: no end of the contract was notified"
    CONTRACT_ENDED = "CONTRACT_ENDED", "Dismissed, or the end of the contract was notified"
    HOUSING_APPLICANT = "HOUSING_APPLICANT", "Applicant for housing, without a lease"
    TENANT = "TENANT", "Tenant in place"


class Residence(Term):
    """The part of the world in which the person lives: some time limits are longer far away."""

    MAINLAND = "MAINLAND", "Mainland France"
    OVERSEAS = "OVERSEAS", "Overseas France", "CPC 643, 1°; CJA R421-7"
    ABROAD = "ABROAD", "Abroad", "CPC 643, 2°; CJA R421-7"


class PriorStepKind(Term):
    """What the person already did before coming."""

    WRITTEN_COMPLAINT = "WRITTEN_COMPLAINT", "Written complaint to the respondent"
    ADMINISTRATIVE_APPEAL = "ADMINISTRATIVE_APPEAL", "Administrative appeal"
    CRIMINAL_COMPLAINT = "CRIMINAL_COMPLAINT", "Criminal complaint"
    COURT_ACTION = "COURT_ACTION", "Court action"
    OTHER_AUTHORITY = "OTHER_AUTHORITY", "Referral to another authority"
    OTHER = "OTHER", "Other step"


class Party(Term):
    """Who holds a piece, or is spoken to."""

    COMPLAINANT = "COMPLAINANT", "Complainant"
    RESPONDENT = "RESPONDENT", "Respondent"
    WITNESS = "WITNESS", "Witness"
    ADMINISTRATION = "ADMINISTRATION", "Administration"
    PARTNER = "PARTNER", "Partner"
    THIRD_PARTY = "THIRD_PARTY", "Third party"


class Medium(Term):
    """How somebody was reached."""

    MEETING = "MEETING", "Meeting"
    PHONE = "PHONE", "Telephone"
    POST = "POST", "Post"
    EMAIL = "EMAIL", "E-mail"
    SMS = "SMS", "Text message"


class ConsentScope(Term):
    """What the person agrees to. Each is separate, dated, and can be withdrawn."""

    REFERRAL = "REFERRAL", "Transmission to a partner"
    DEFENDER = "DEFENDER", "Transmission to the Defender of Rights", "LO 2011-333 art. 8"
    RESPONDENT = "RESPONDENT", "Communication to the respondent"
    MEDICAL = "MEDICAL", "Lifting of medical secrecy", "LO 2011-333 art. 20 al. 3"


class ConsentForm(Term):
    """How consent was given."""

    WRITTEN = "WRITTEN", "In writing"
    ELECTRONIC = "ELECTRONIC", "Electronically"
    ORAL = "ORAL", "Orally"


class ReferralStatus(Term):
    """The life of a referral."""

    SENT = "SENT", "Sent"
    SEEN = "SEEN", "Seen"
    ACCEPTED = "ACCEPTED", "Accepted"
    REFUSED = "REFUSED", "Refused"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"
    EXPIRED = "EXPIRED", "Expired without an answer"
    DONE = "DONE", "Done"


class TransferStatus(Term):
    """The life of a transfer to another metropolis."""

    PROPOSED = "PROPOSED", "Proposed"
    ACCEPTED = "ACCEPTED", "Accepted there"
    DECLINED = "DECLINED", "Declined there"
    WITHDRAWN = "WITHDRAWN", "Taken back"


class RefusalReason(Term):
    """Why a partner declines a referral."""

    OUT_OF_SCOPE = "OUT_OF_SCOPE", "Outside our field"
    OUT_OF_AREA = "OUT_OF_AREA", "Outside our area"
    NO_CAPACITY = "NO_CAPACITY", "No capacity at the moment"
    ALREADY_KNOWN = "ALREADY_KNOWN", "Already followed here"
    CONFLICT_OF_INTEREST = "CONFLICT_OF_INTEREST", "Conflict of interest"
    UNREACHABLE = "UNREACHABLE", "The person could not be reached"
    OTHER = "OTHER", "Other reason"


class PieceStatus(Term):
    """The life of a piece of evidence."""

    WANTED = "WANTED", "Wanted"
    REQUESTED = "REQUESTED", "Requested"
    RECEIVED = "RECEIVED", "Received"
    REFUSED = "REFUSED", "Asked for and refused"
    UNOBTAINABLE = "UNOBTAINABLE", "Cannot be obtained"
    WAIVED = "WAIVED", "Not needed"


class ScanState(Term):
    """What is known of malware in a file."""

    PENDING = "PENDING", "Not scanned yet: a scan is to come"
    CLEAN = "CLEAN", "No malware found"
    INFECTED = "INFECTED", "Malware found: in quarantine"
    NOT_SCANNED = "NOT_SCANNED", "Not scanned"


class FileRemark(Term):
    """What is to be known of a file before anybody opens it, beside malware."""

    LOCKED = "LOCKED", "Closed with a password"
    HOLDS_FILES = "HOLDS_FILES", "Holds other files"
    UNREAD = "UNREAD", "Could not be looked into"


class Standing(Term):
    """How far one leg of the proof stands. Never a percentage of success."""

    STANDS = "STANDS", "Stands"
    PARTIAL = "PARTIAL", "Partly"
    MISSING = "MISSING", "Missing"


class Leg(Term):
    """What has to be shown: the three legs on which a discrimination stands (loi 2008-496 art. 1)."""

    TREATMENT = "TREATMENT", "Unfavourable treatment"
    GROUND = "GROUND", "Ground"
    LINK = "LINK", "Link or comparator"


class Standard(Term):
    """How much has to be shown, which depends on the court."""

    PRESUMPTION = (
        "PRESUMPTION",
        "Presumption (civil and administrative courts)",
        "loi 2008-496 art. 4; C. trav. L1134-1, L1154-1; loi 89-462 art. 1; CSP L1110-3; CE 30 oct. 2009 n° 298348",
    )
    FULL_PROOF = "FULL_PROOF", "Full proof (criminal courts)", "loi 2008-496 art. 4 dernier al.; CPP 427"


class Weight(Term):
    """The strongest piece at hand for a leg. Neither a score nor a chance of success."""

    NOTHING = "NOTHING", "Nothing yet"
    CONTEXT = "CONTEXT", "Context only"
    INDICATION = "INDICATION", "An indication"
    STRONG = "STRONG", "A strong indication"


class FilingStatus(Term):
    """The life of a filing with the Defender of Rights."""

    PREPARED = "PREPARED", "Prepared"
    CONSENTED = "CONSENTED", "Agreed to by the person"
    FILED = "FILED", "Filed"
    ACKNOWLEDGED = "ACKNOWLEDGED", "Acknowledged"
    DECIDED = "DECIDED", "Decided"
    DECLINED = "DECLINED", "Declined"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


class FilingChannel(Term):
    """How the Defender is seized."""

    ONLINE_FORM = "ONLINE_FORM", "Online form"
    DELEGATE = "DELEGATE", "Local delegate"
    POST = "POST", "Post (free of charge)"


class FilingOutcome(Term):
    """What the Defender of Rights did (loi organique 2011-333)."""

    MEDIATION = "MEDIATION", "Mediation", "LO 2011-333 art. 26"
    SETTLEMENT = "SETTLEMENT", "Settlement proposed", "LO 2011-333 art. 28"
    RECOMMENDATION = "RECOMMENDATION", "Recommendation", "LO 2011-333 art. 25"
    OBSERVATIONS = "OBSERVATIONS", "Observations before a court", "LO 2011-333 art. 33"
    PROSECUTOR = "PROSECUTOR", "Passed to the public prosecutor", "LO 2011-333 art. 33"
    DISCIPLINARY = "DISCIPLINARY", "Disciplinary authority seized", "LO 2011-333 art. 29"
    RULE_OF_LAW_REMINDER = "RULE_OF_LAW_REMINDER", "Reminder of the law"
    NO_DISCRIMINATION_FOUND = "NO_DISCRIMINATION_FOUND", "No discrimination found"


class Outcome(Term):
    """What the case came to, for the person."""

    SITUATION_REDRESSED = "SITUATION_REDRESSED", "The situation was put right"
    COMPENSATION = "COMPENSATION", "Compensation or settlement"
    RECOGNITION = "RECOGNITION", "Discrimination recognised by a decision"
    PROCEEDINGS_ELSEWHERE = "PROCEEDINGS_ELSEWHERE", "Proceedings go on elsewhere"
    ADVICE_GIVEN = "ADVICE_GIVEN", "Advice given"
    NO_RESULT = "NO_RESULT", "No result"
    NOT_KNOWN = "NOT_KNOWN", "Not known"


class ClosureReason(Term):
    """Why the case is closed. "No news" is a reason of its own, never disguised as another."""

    SETTLED = "SETTLED", "Settled"
    DECISION_OBTAINED = "DECISION_OBTAINED", "Decision obtained"
    HANDED_OVER = "HANDED_OVER", "Handed over to another body"
    ADVICE_SUFFICED = "ADVICE_SUFFICED", "Advice sufficed"
    WITHDRAWN = "WITHDRAWN", "The person withdrew"
    NO_NEWS = "NO_NEWS", "No news from the person"
    LACK_OF_PROOF = "LACK_OF_PROOF", "Lack of proof"
    NOT_DISCRIMINATION = "NOT_DISCRIMINATION", "Not a discrimination in law"
    OUT_OF_AREA = "OUT_OF_AREA", "Outside our area"
    DUPLICATE = "DUPLICATE", "Duplicate"
    TIME_BARRED = "TIME_BARRED", "Time-barred"


class ErasureReason(Term):
    """Why a case is erased. A code and no words: it stays when everything else is gone."""

    RETENTION_ENDED = "RETENTION_ENDED", "Retention ended"
    PERSON_ASKED = "PERSON_ASKED", "The person asked for it", "RGPD art. 17"
    OPENED_IN_ERROR = "OPENED_IN_ERROR", "Opened in error"


class PauseReason(Term):
    """Why the stall clocks are stopped for a while. Legal clocks are never stopped by a pause."""

    AT_PERSONS_REQUEST = "AT_PERSONS_REQUEST", "At the person's request"
    HEALTH = "HEALTH", "Health of the person"
    AWAITING_AUTHORITY = "AWAITING_AUTHORITY", "An authority's answer is awaited"
    AWAITING_COURT = "AWAITING_COURT", "A court's decision is awaited"


class DeadlineKind(Term):
    """What a deadline is about."""

    STALL = "STALL", "Nothing has moved"
    NO_CONTACT = "NO_CONTACT", "The person was not reached"
    REFERRAL_ANSWER = "REFERRAL_ANSWER", "The partner has not answered"
    REFERRAL_EXPIRY = "REFERRAL_EXPIRY", "The referral comes back to its sender"
    PIECE_DUE = "PIECE_DUE", "A requested piece has not come"
    FILING_ACKNOWLEDGEMENT = "FILING_ACKNOWLEDGEMENT", "The Defender has not acknowledged"
    FILING_NEWS = "FILING_NEWS", "The Defender has not decided"
    FILING_REQUEST = "FILING_REQUEST", "The Defender awaits an answer"
    FILING_UNSENT = "FILING_UNSENT", "A filing is prepared and not sent"
    FILING_CONSENT = "FILING_CONSENT", "The person no longer agrees to the filing"
    FILING_ENDED = "FILING_ENDED", "A filing has ended: tell the person what else can be done"
    LIMITATION = "LIMITATION", "A time limit of the law is near, or over"
    PERISHABLE = "PERISHABLE", "Proof perishes"
    PAUSE_END = "PAUSE_END", "The pause ends"
    RETENTION = "RETENTION", "The active period ends: archive or erase"
    ARCHIVE_END = "ARCHIVE_END", "Retention ends: erasure is due"
    HOLD_REVIEW = "HOLD_REVIEW", "A legal hold is to be looked at again"
    FACTS_UNDATED = "FACTS_UNDATED", "Date the facts: no time limit of the law can be counted"
    ARCHIVE_REVIEW = "ARCHIVE_REVIEW", "The end of the archive is not known: a supervisor sets it"
    NO_HOLDER = "NO_HOLDER", "Nobody holds the case"
    TRANSFER_PROPOSED = "TRANSFER_PROPOSED", "The case is proposed to another metropolis"
    TRANSFER_ANSWER = "TRANSFER_ANSWER", "The other metropolis has not answered"
    TRANSFER_DECLINED = "TRANSFER_DECLINED", "The other metropolis has declined the case"
    OVER = "OVER", "Over when we learned of it: time limits or proof"


class Level(Term):
    """Whom an alert is for: it climbs until somebody decides."""

    CASE_WORKER = "CASE_WORKER", "Reminder to the case worker"
    SUPERVISOR = "SUPERVISOR", "Alert to the supervisor"
    PLAN_LEAD = "PLAN_LEAD", "Alert to the plan lead"


class Situation(Term):
    """A situation in which an open case needs whoever watches over others' cases."""

    UNHELD = "UNHELD", "Nobody holds it"
    AWAY = "AWAY", "Whoever holds it is away"
    LEFT = "LEFT", "Whoever held it has left"
    REFUSED = "REFUSED", "No partner that was asked takes it"
    CLOSURE = "CLOSURE", "A closure waits for a second person"
    OVERDUE = "OVERDUE", "Something was due before now"


class AlertDecision(Term):
    """The reasoned decision that ends an alert."""

    ACT = "ACT", "The awaited act is done or under way"
    EXTEND = "EXTEND", "More time, until a date"
    REASSIGN = "REASSIGN", "Somebody else has taken the case"
    CLOSE = "CLOSE", "The case is closed"


class Disagreement(Term):
    """What is wrong with a case's workflow, or with a workflow's case."""

    NO_WORKFLOW = "NO_WORKFLOW", "No workflow runs for this case"
    BEHIND = "BEHIND", "The workflow does not know the last lines of the book"
    OVERDUE = "OVERDUE", "A deadline has passed and nobody was told"
    LATE_TIMER = "LATE_TIMER", "The timer would ring after the next deadline"
    AHEAD = "AHEAD", "The workflow knows lines that the book does not have"
    NO_ANSWER = "NO_ANSWER", "The workflow does not answer"
    NO_CASE = "NO_CASE", "A workflow runs for a case that is not in the book"
    UNREADABLE = "UNREADABLE", "The history of this case cannot be read: a line or its key is not as it was written"
    OTHER_KEYS = "OTHER_KEYS", "The database of the keys is not the one of this book: most cases have no key in it"
    KEY_ALIVE = "KEY_ALIVE", "The key of this erased case had come back with an old copy of the database of the keys"
    KEY_UNUSED = "KEY_UNUSED", "An opening that came to nothing left a key, which belongs to no case"


class StoreNote(Term):
    """What the book notes about a database of keys."""

    ADOPTED = "ADOPTED", "Taken for the one of this book"
    SEEN = "SEEN", "Seen with more keys"
    ACCEPTED = "ACCEPTED", "Accepted with what was left of it"


class MailWhen(Term):
    """When somebody is written to. A time limit of the law is written at once, whatever was chosen."""

    DIGEST = "DIGEST", "In the daily digest"
    IMMEDIATE = "IMMEDIATE", "At once"
    BOTH = "BOTH", "At once, and in the daily digest"
    LAW_ONLY = "LAW_ONLY", "Time limits of the law only"


class MailKind(Term):
    """What a mail is."""

    NOTICE = "NOTICE", "Notice on a case"
    DIGEST = "DIGEST", "Daily digest"


class MailState(Term):
    """The life of a mail. A waiting one is tried until it leaves that state."""

    WAITING = "WAITING", "To be sent"
    SENT = "SENT", "Taken by the mail server"
    DROPPED = "DROPPED", "Not needed any more"
    UNDELIVERED = "UNDELIVERED", "Not delivered"


class MailReason(Term):
    """Why a mail was not needed any more, or not delivered."""

    NOT_AWAITED = "NOT_AWAITED", "Nothing of it was awaited any more"
    REASSIGNED = "REASSIGNED", "Somebody else answers for it now"
    NOTHING_TO_SAY = "NOTHING_TO_SAY", "Nothing asked for attention"
    NO_ADDRESS = "NO_ADDRESS", "The account has no e-mail address"
    ADDRESS_REFUSED = "ADDRESS_REFUSED", "The mail server refuses the address"
    SERVER_REFUSED = "SERVER_REFUSED", "The mail server did not take it"
    NOT_SECURE = "NOT_SECURE", "The mail server could not be trusted, or did not trust us"
    UNREACHABLE = "UNREACHABLE", "The mail server did not answer"
    NO_SERVER = "NO_SERVER", "No mail server is set"
    DAY_OVER = "DAY_OVER", "The day was over before it could be sent"
    OUR_FAULT = "OUR_FAULT", "A fault of ours"


class Means(Term):
    """The means by which somebody shows who they are."""

    PASSKEY = "PASSKEY", "With a passkey"
    PASSWORD = "PASSWORD", "With a password and a code"
    INVITATION = "INVITATION", "By an invitation"
    LINK = "LINK", "By a link of the embedded stack"
    OIDC = "OIDC", "Through an identity provider"


class SignInAct(Term):
    """An act of sign-in, as its record keeps it."""

    SIGNED_IN = "SIGNED_IN", "Signed in"
    REFUSED = "REFUSED", "Sign-in refused"
    ASKED_AGAIN = "ASKED_AGAIN", "Asked again"
    NOT_CONFIRMED = "NOT_CONFIRMED", "Asked again, and refused"
    CREDENTIAL_ADDED = "CREDENTIAL_ADDED", "Means of sign-in added"
    CREDENTIAL_REMOVED = "CREDENTIAL_REMOVED", "Means of sign-in removed"
    COUNTER_REGRESSED = "COUNTER_REGRESSED", "Passkey that may have been copied"
    INVITED = "INVITED", "Invitation made"
    RECOVERED = "RECOVERED", "Invitation made for an account that had lost its means"
    INVITATION_USED = "INVITATION_USED", "Invitation used"
    LINK_MADE = "LINK_MADE", "Link made"
    SESSION_ENDED = "SESSION_ENDED", "Session ended"
    SESSIONS_ENDED = "SESSIONS_ENDED", "All sessions ended"
    CLIENT_ISSUED = "CLIENT_ISSUED", "Access for a program issued"
    CLIENT_REVOKED = "CLIENT_REVOKED", "Access for a program revoked"
