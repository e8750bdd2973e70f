r"""Shell text cut into words and operators, with lines; nothing is expanded or run.

Guarantees: any text is cut to the end; a quote or bracket that is never closed is taken for a plain
character and noted. Template expressions (``{{ ... }}``, ``${{ ... }}``) and ``<PLACEHOLDER>`` are
pieces of words.

Source: POSIX shell command language, sections 2.2, 2.3 and 2.7, and bash's arrays.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from recallbench.lint.shell_tokens import FOLD, Cut, Part, Token

_BLANKS = " \t" + FOLD
_META = _BLANKS + "\n;&|()<>"
_OPERATOR = re.compile(r"&&|\|\||;;&?|;&|\|&|[;&|()\n]")
_REDIRECTION = re.compile(r"&>>|&>|>>|>\||>&|<<<|<<-|<<|<&|<>|[<>]")
_PLACEHOLDER = re.compile(r"<[A-Za-z][\w ./:|-]*(?<=\w)>")
_TEMPLATE = re.compile(r"\$?\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}", re.DOTALL)
_GITHUB_ENV = re.compile(r"\$\{\{\s*env\.(\w+)\s*\}\}")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BRACED = re.compile(r"!?([A-Za-z_]\w*|[0-9@*#]+)(\[[@*\d]+\])?(:?[-=+?])?(.*)", re.DOTALL)
_ARRAY_START = re.compile(r"[A-Za-z_]\w*\+?=")
# Beyond it a bracket is taken for one that is never closed.
_LONGEST_SUBSTITUTION = 2_000
# Beyond it a text is no script, and looking for the ends of brackets only takes time.
_MOST_UNCLOSED = 50
_HEREDOC_END = re.compile(r"['\"\\]")


def cut(text: str, line: int = 1) -> Cut:
    """Cut ``text``, whose first line is ``line``."""
    lexer = _Lexer(text.replace("\r\n", "\n"), line)
    return Cut(tuple(lexer.tokens()), tuple(lexer.unclosed))


class _Lexer:
    """A place in a text."""

    def __init__(self, text: str, line: int) -> None:
        self._text = text
        self._at = 0
        self._first = line
        self._breaks = [at for at, char in enumerate(text) if char in "\n\v"]
        self._pending: list[tuple[str, bool]] = []
        self._in_array = False
        self.unclosed: list[tuple[int, str]] = []

    def tokens(self, closing: str = "") -> list[Token]:
        """All tokens, or those up to a closing bracket."""
        found: list[Token] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if closing and char == closing:
                self._at += 1
                break
            if char in _BLANKS:
                self._at += 1
            elif self._text.startswith("\\\n", self._at):
                # A word begins on the line of its first character, not on that of the backslash.
                self._at += 2
            elif char == "#":
                self._skip_comment()
            elif closing and char == "\n":
                self._at += 1
            else:
                found.extend(self._token())
        return found

    def _token(self) -> list[Token]:
        line = self._line()
        redirection = self._match(_REDIRECTION)
        if redirection and not _PLACEHOLDER.match(self._text, self._at):
            return self._redirection(redirection, line)
        operator = self._match(_OPERATOR)
        if operator:
            self._at += len(operator)
            bodies = self._heredocs() if operator == "\n" else []
            return [*bodies, Token("operator", line, operator)]
        start = self._at
        parts = self._parts()
        if self._array_starts(start):
            self._at += 1
            self._in_array = True
            items = tuple(token for token in self.tokens(")") if token.kind == "word")
            self._in_array = False
            return [Token("array", line, parts=parts, items=items)]
        digits = self._text[start : self._at]
        if digits.isdigit() and self._peek() in set("<>"):
            return []
        # An escaped line end alone makes no word.
        return [Token("word", line, parts=parts)] if parts else []

    def _array_starts(self, start: int) -> bool:
        name = self._text[start : self._at]
        is_assignment = _ARRAY_START.fullmatch(name) is not None
        return is_assignment and self._peek() == "(" and not self._in_array

    def _redirection(self, operator: str, line: int) -> list[Token]:
        self._at += len(operator)
        while self._peek() in set(_BLANKS):
            self._at += 1
        start = self._at
        parts = self._parts() if self._peek() not in set(_META) else ()
        if operator in {"<<", "<<-"} and parts:
            end = _HEREDOC_END.sub("", self._text[start : self._at])
            self._pending.append((end, operator == "<<-"))
        return [Token("redirection", line, operator, parts)]

    def _heredocs(self) -> list[Token]:
        bodies = []
        for end, is_indented in self._pending:
            line, body = self._line(), []
            while self._at < len(self._text):
                stop = self._text.find("\n", self._at)
                stop = len(self._text) if stop < 0 else stop
                row = self._text[self._at : stop]
                self._at = stop + 1
                if (row.lstrip("\t") if is_indented else row) == end:
                    break
                body.append(row)
            bodies.append(Token("heredoc", line, "\n".join(body)))
        self._pending = []
        return bodies

    def _parts(self) -> tuple[Part, ...]:
        """The pieces of the word that begins here."""
        parts: list[Part] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in _META and not (char == "<" and self._match(_PLACEHOLDER)):
                break
            if char == "\\":
                parts.extend(self._escaped())
            elif char == "'":
                parts.append(self._single_quoted())
            elif char == '"':
                parts.extend(self._double_quoted())
            else:
                parts.append(self._plain(quoted=False))
        return tuple(parts)

    def _escaped(self) -> list[Part]:
        following = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        return [] if following in {"\n", ""} else [Part(following, quoted=True)]

    def _single_quoted(self) -> Part:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            return self._unclosed_quote()
        text = self._text[self._at + 1 : end]
        self._at = end + 1
        return Part(text.replace(FOLD, " "), quoted=True)

    def _unclosed_quote(self) -> Part:
        char = self._text[self._at]
        self.unclosed.append((self._line(), char))
        self._at += 1
        return Part(char, quoted=False)

    def _double_quoted(self) -> list[Part]:
        start, noted = self._at, len(self.unclosed)
        self._at += 1
        parts = [Part("", quoted=True)]
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == '"':
                self._at += 1
                return parts
            if char == "\\":
                parts.append(self._escaped_in_quotes())
            else:
                parts.append(self._plain(quoted=True))
        # All of it is read again as plain text.
        self._at = start
        del self.unclosed[noted:]
        return [self._unclosed_quote()]

    def _escaped_in_quotes(self) -> Part:
        following = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        if following == "\n":
            return Part("", quoted=True)
        return Part(following if following in set('$`"\\') else "\\" + following, quoted=True)

    def _plain(self, *, quoted: bool) -> Part:
        """A template, a substitution, a variable or one run of plain characters."""
        template = self._match(_TEMPLATE) or ("" if quoted else self._match(_PLACEHOLDER))
        if template:
            self._at += len(template)
            variable = _GITHUB_ENV.fullmatch(template)
            return Part(template, quoted=True, name=variable[1] if variable else "")
        char = self._text[self._at]
        if char == "`":
            return self._bracketed("`", "`", self._at + 1, quoted=quoted)
        if char == "$":
            return self._dollar(quoted=quoted)
        end = self._at + 1
        stops = '"\\`${' if quoted else _META + "'\"\\`${"
        while end < len(self._text) and self._text[end] not in stops:
            end += 1
        text = self._text[self._at : end]
        self._at = end
        return Part(text.replace(FOLD, " "), quoted=quoted)

    def _dollar(self, *, quoted: bool) -> Part:
        following = self._text[self._at + 1 : self._at + 2]
        if following == "(":
            return self._bracketed("(", ")", self._at + 2, quoted=quoted)
        if following == "{":
            return _variable(self._bracketed("{", "}", self._at + 2, quoted=quoted))
        name = _NAME.match(self._text, self._at + 1)
        if name is None:
            self._at += 1
            # $'...' and $"..." are quotes of their own; their escapes hardly stand in options.
            return Part("" if following in {"'", '"'} and not quoted else "$", quoted=quoted)
        self._at = name.end()
        return Part("${" + name[0] + "}", quoted, name[0], whole=name[0] in {"@", "*"})

    def _bracketed(self, opening: str, closing: str, start: int, *, quoted: bool) -> Part:
        """A substitution from here to its closing bracket, as it is spelled."""
        depth, end = 1, start
        if len(self.unclosed) > _MOST_UNCLOSED:
            end = len(self._text)
        while end < min(len(self._text), start + _LONGEST_SUBSTITUTION) and depth:
            char = self._text[end]
            depth += -1 if char == closing else int(char == opening)
            end += 2 if char == "\\" else 1
        if depth:
            self.unclosed.append((self._line(), opening))
            self._at += 1
            return Part("$" if opening != "`" else "`", quoted=quoted)
        text = self._text[self._at : end]
        self._at = end
        return Part(text, quoted=quoted)

    def _skip_comment(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        return match[0] if match else ""

    def _line(self) -> int:
        return self._first + bisect_right(self._breaks, self._at - 1)


def _variable(part: Part) -> Part:
    """The variable of a spelling such as ``${NAME:-default}``; the subtler ones stay unknown."""
    match = _BRACED.fullmatch(part.text[2:-1])
    if match is None or part.text.startswith(("${!", "${#")):
        return part
    name, index, operator, rest = match.groups()
    if rest and not operator:
        return part
    fallback = rest if operator and operator[-1] in "-=" else None
    return Part(part.text, part.quoted, name, fallback, whole=index in {"[@]", "[*]"})
