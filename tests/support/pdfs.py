"""PDFs that do something, made by hand: each carries one way of acting, and a page that says something."""

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

SAYS = b"BT /F1 24 Tf 72 720 Td (Bonjour) Tj ET"
HOW = (
    "open_action", "catalog_aa", "page_aa", "names_javascript", "launch_link", "uri_link", "submit_field",
    "next_of_a_jump", "embedded_file", "attachment", "rich_media", "xfa", "rendition", "field_script", "go_to_remote",
)  # fmt: skip
MARK = "app.alert('canari')"


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(MARK))


def pdf(*how: str, password: str | None = None) -> bytes:
    """A PDF of one page that acts in these ways."""
    made = pikepdf.new()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page = made.add_blank_page()
    page.obj.Resources = Dictionary(Font=Dictionary(F1=made.make_indirect(font)))
    page.obj.Contents = made.make_stream(SAYS)
    annotations = []
    root = made.Root

    def form() -> Dictionary:
        if "/AcroForm" not in root:
            root.AcroForm = Dictionary(Fields=Array([]))
        return root.AcroForm

    def link(action: Dictionary, subtype: Name = Name.Link, **more: object) -> None:
        annotations.append(Dictionary(Type=Name.Annot, Subtype=subtype, Rect=Array([0, 0, 9, 9]), A=action, **more))

    for way in how:
        match way:
            case "open_action":
                root.OpenAction = made.make_indirect(script())
            case "catalog_aa":
                root.AA = Dictionary(WC=script())
            case "page_aa":
                page.obj.AA = Dictionary(O=script())
            case "names_javascript":
                root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), made.make_indirect(script())])))
            case "launch_link":
                link(Dictionary(S=Name.Launch, F=String("canari.exe")))
            case "uri_link":
                link(Dictionary(S=Name.URI, URI=String("https://canari.example/")))
            case "go_to_remote":
                link(Dictionary(S=Name.GoToR, F=String("canari.pdf"), D=Array([0, Name.Fit])))
            case "rendition":
                link(Dictionary(S=Name.Rendition, JS=String(MARK)), Name.Screen)
            case "next_of_a_jump":
                jump = Dictionary(S=Name.GoTo, D=Array([page.obj, Name.Fit]), Next=Array([script()]))
                link(made.make_indirect(jump))
            case "submit_field" | "field_script":
                action = (
                    Dictionary(S=Name.SubmitForm, F=String("https://canari.example/")) if way[0] == "s" else script()
                )
                field = made.make_indirect(
                    Dictionary(
                        FT=Name.Btn,
                        T=String("b"),
                        Subtype=Name.Widget,
                        Rect=Array([0, 0, 9, 9]),
                        AA=Dictionary(U=action),
                        A=action,
                    )
                )
                annotations.append(field)
                form().Fields.append(field)
            case "xfa":
                form().XFA = Stream(made, b"<xdp><script>canari</script></xdp>")
            case "embedded_file" | "attachment":
                held = made.make_indirect(
                    Dictionary(Type=Name.Filespec, F=String("canari.exe"), EF=Dictionary(F=Stream(made, b"MZcanari")))
                )
                if way == "embedded_file":
                    root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), held])))
                else:
                    annotations.append(
                        Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]), FS=held)
                    )
            case "rich_media":
                annotations.append(
                    Dictionary(
                        Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 9, 9]),
                        RichMediaContent=Dictionary(Assets=Dictionary(Names=Array([String("canari.swf")]))),
                    )
                )  # fmt: skip
    if annotations:
        page.obj.Annots = Array([made.make_indirect(way) if not way.is_indirect else way for way in annotations])
    out = io.BytesIO()
    made.save(out, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return out.getvalue()


def kept_from_printing() -> bytes:
    """A PDF that anybody can read and that only its owner may print."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as read:
        read.save(out, encryption=pikepdf.Encryption(owner="owner", user=""))
    return out.getvalue()


def laid_open(data: bytes) -> bytes:
    """Everything that is written in a PDF, without compression."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as read:
        read.save(
            out,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            encryption=False,
        )
    return out.getvalue()


def tiny_dictionaries(size: int) -> bytes:
    """A PDF of about so many bytes, nearly all of them tiny dictionaries: taken apart, it is many times as large."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]
    objects += [b"[" + b"<</A<<>>/B<<>>>>" * 200 + b"]"] * (size // 3200)
    made, places = [b"%PDF-1.7\n"], []
    at = len(made[0])
    for number, content in enumerate(objects, 1):
        places.append(at)
        made.append(b"%d 0 obj\n" % number + content + b"\nendobj\n")
        at += len(made[-1])
    count = len(objects) + 1
    made.append(b"xref\n0 %d\n0000000000 65535 f \n" % count)
    made += [b"%010d 00000 n \n" % place for place in places]
    made.append(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, at))
    return b"".join(made)
