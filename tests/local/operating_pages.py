"""Sections of the pages for operators, and the commands in them as they stand there."""

import re
import textwrap

from local.aws import ROOT


def section(page, heading):
    """The text below a heading of a page in docs, up to the next heading of the same or a higher level."""
    text = (ROOT / "docs" / page).read_text()
    level = re.search(rf"^(#+) {re.escape(heading)}$", text, re.M)[1]
    below = text.partition(f"\n{level} {heading}\n")[2]
    return re.split(rf"^#{{1,{len(level)}}} ", below, maxsplit=1, flags=re.M)[0]


def blocks(page, heading):
    """The blocks of commands in a section, in order."""
    return [textwrap.dedent(block) for block in re.findall(r"^ *```\n(.*?)^ *```$", section(page, heading), re.M | re.S)]
