from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recallbench.lint.shell_tokens import Token
from recallbench.lint.shell_words import cut


def spelled(text: str) -> list[tuple[str, int]]:
    return [(joined(token), token.line) for token in cut(text).tokens if token.kind == "word"]


def joined(token: Token) -> str:
    return "".join(part.text for part in token.parts)


def test_words_know_their_lines() -> None:
    text = "a \\\nb \\\n  'c\nd' e\nf"

    assert spelled(text) == [("a", 1), ("b", 2), ("c\nd", 3), ("e", 4), ("f", 5)]


def test_quotes_comments_and_redirections_are_no_words() -> None:
    assert spelled("a\"b 'c'\"'d' e#f # g\nh 2>&1 > i <<< j") == [
        ("ab 'c'd", 1),
        ("e#f", 1),
        ("h", 2),
    ]


def test_escapes_are_taken_away() -> None:
    assert spelled(r"""a\ b "c\"d" "e\f" """) == [("a b", 1), ('c"d', 1), (r"e\f", 1)]


def test_templates_and_placeholders_are_pieces_of_words() -> None:
    assert spelled("x{{ a b }}y ${{ c d }} <your model> {% e f %}") == [
        ("x{{ a b }}y", 1),
        ("${{ c d }}", 1),
        ("<your model>", 1),
        ("{% e f %}", 1),
    ]


def test_substitutions_are_kept_as_they_are_spelled() -> None:
    assert spelled("$(a b $(c)) `d e` $((1 + 2)) ${F:-g h}") == [
        ("$(a b $(c))", 1),
        ("`d e`", 1),
        ("$((1 + 2))", 1),
        ("${F:-g h}", 1),
    ]


def test_a_heredoc_is_one_token_with_its_line() -> None:
    tokens = cut("cat <<'EOF' > f\na\nb\nEOF\nc <<-X\n\td\n\tX\n").tokens

    assert [(token.text, token.line) for token in tokens if token.kind == "heredoc"] == [
        ("a\nb", 2),
        ("\td", 6),
    ]


def test_an_array_holds_words_with_lines() -> None:
    (array,) = (token for token in cut("A+=(\n b # c\n 'd e'\n)").tokens if token.kind == "array")

    assert joined(array) == "A+="
    assert [(joined(item), item.line) for item in array.items] == [("b", 2), ("d e", 3)]


def test_what_is_never_closed_is_a_plain_character_and_noted() -> None:
    assert spelled("it's a\nb") == [("it's", 1), ("a", 1), ("b", 2)]
    assert [mark for _, mark in cut("'a \"b ${c $(d `e").unclosed] == ["'", '"', "{", "(", "`"]


def test_a_fold_is_a_blank_that_counts_as_a_line() -> None:
    assert spelled("a\v'b\vc' d") == [("a", 1), ("b c", 2), ("d", 3)]


@given(st.text(alphabet="ab '\"\\\n\v$(){}<>|&;#=`\t%"))
def test_any_text_is_cut_to_its_end(text: str) -> None:
    tokens = cut(text).tokens

    assert [token.line for token in tokens if token.kind == "word"] == sorted(
        token.line for token in tokens if token.kind == "word"
    )
    assert all(token.line <= 1 + text.count("\n") + text.count("\v") for token in tokens)
