"""What MkDocs calls while it builds the site."""


def on_page_content(html, **_):
    """A table that is wider than the page scrolls in a box of its own."""
    return html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
