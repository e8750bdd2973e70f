from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recallbench.lint.template import without_templates


def test_expressions_become_placeholders_and_lines_stay() -> None:
    text = '{{- if .x }}\na: {{ .b }}\nc: "{{ .d }}:{{ .e }}"\n{{- end\n}}\nf: ${{ g }}\n'

    assert without_templates(text) == (
        '\na: <template>\nc: "<template>:<template>"\n\n\nf: ${{ g }}\n'
    )


@given(st.text(alphabet="{}%#$a \n"))
def test_no_line_is_lost(text: str) -> None:
    assert without_templates(text).count("\n") == text.count("\n")
