"""The texts of messages, formatted as Step Functions does it, and the commands in them as a shell reads them.

This file imports no other check, so that the test of the whole cycle can apply the same rules to a delivered message.
"""

import json
import re
import shlex

# The characters that a string of an intrinsic function must escape: the quote, both braces and the backslash.
ESCAPED = "'{}\\"


class FormatError(ValueError):
    """A text that Step Functions would refuse."""


def formatted(expression, arguments):
    """The text of States.Format('…', $.a, $.b). `arguments` gives the value of each path."""
    match = re.fullmatch(r"States\.Format\('((?:[^'\\]|\\.)*)'((?:,\s*\$[\w.$]+)*)\)", expression, re.S)
    if match is None:
        raise FormatError("it is no States.Format of one string and paths: a quote in the string must be \\'")
    paths = iter(re.findall(r"\$[\w.$]+", match.group(2)))
    text, rest = [], match.group(1)
    while rest:
        if rest[0] == "\\":
            if rest[1] not in ESCAPED:
                raise FormatError(f"\\{rest[1]} is no escape")
            text.append(rest[1])
            rest = rest[2:]
        elif rest.startswith("{}"):
            text.append(arguments[next(paths)])
            rest = rest[2:]
        elif rest[0] in "{}":
            raise FormatError(f"a literal {rest[0]} must be escaped")
        else:
            text.append(rest[0])
            rest = rest[1:]
    if list(paths):
        raise FormatError("it has more arguments than {}")
    return "".join(text)


def commands(text):
    """The command lines in a text, each as the words that a shell reads."""
    found = (re.search(r"(?:^|[:?] |\s\s)((?:aws|pilot-light) .*)", line) for line in text.splitlines())
    return [shlex.split(match.group(1)) for match in found if match]


def findings(text):
    """The findings about a text's commands. Without a finding, they can be typed unchanged."""
    try:
        found = commands(text)
    except ValueError as error:
        yield f"a shell cannot read a command: {error}"
        return
    if not found:
        yield "it contains no command"
    for words in found:
        for option, value in zip(words, words[1:]):
            if option == "--filter-pattern" and not re.fullmatch(r"\{ \$\.[\w.]+ (=|>) \S+ \}", value):
                yield f"--filter-pattern is {value}"
            if option in ("--input", "--metric-data-queries", "--task-output"):
                try:
                    json.loads(value)
                except ValueError:
                    yield f"{option} is no JSON once the shell has read it: {value}"


def transformed(template, values):
    """The text of an EventBridge input transformer. Each line is a string in quotes, with its <names> replaced."""
    lines = []
    for line in template.splitlines():
        try:
            text = json.loads(line)
        except ValueError:
            raise FormatError(f"EventBridge takes a line only in quotes, with none inside: {line}") from None
        for name in re.findall(r"<(\w+)>", text):
            if name not in values:
                raise FormatError(f"<{name}> is no input path")
        lines.append('"' + re.sub(r"<(\w+)>", lambda match: values[match.group(1)], text) + '"')
    return "\n".join(lines)


def unquoted(text):
    """The text of such a message without the quotes of each line."""
    return "\n".join(line.removeprefix('"').removesuffix('"') for line in text.splitlines())
