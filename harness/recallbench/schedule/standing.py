"""What a server's prefix cache should hold: what the prompts that it answered began with.

Guarantees the tokens that a server with prefix caching finds again if it has given up nothing. It
does not know what the server gave up, whether it caches at all, or which of several engines
answered; a prompt's report of cached tokens beside this number tells.
"""

from __future__ import annotations

from collections.abc import Iterable

from recallbench.domain.prompt import Prompt, SharedPrefix


class Standing:
    """The shared prefixes that answered prompts have left in the server's cache."""

    def __init__(
        self, block_tokens: int | None, *, is_cold: bool = False, in_order: bool = False
    ) -> None:
        """Nothing stands yet.

        Args:
            block_tokens: tokens in a block of the server's KV cache: only whole blocks are found
                again. None where it is not known.
            is_cold: whether requests are salted, so that none finds what another left.
            in_order: whether the server begins with requests in the order in which they come, so
                that each finds what any sent before it leaves.

        Raises:
            ValueError: a block is not at least a token.
        """
        if block_tokens is not None and block_tokens < 1:
            raise ValueError(f"block_tokens is {block_tokens}; a block has at least 1 token")
        self._block_tokens = block_tokens
        self._is_cold = is_cold
        self._in_order = in_order
        self._tokens: dict[str, int] = {}

    def expected(self, prompt: Prompt) -> int | None:
        """Tokens of ``prompt`` that the server should find; None where the block is not known.

        Its last token is always computed, and with it the block that it lies in.
        """
        block = self._block_tokens
        if block is None:
            return None
        known = (min(self._tokens.get(part.name, 0), part.tokens) for part in prompt.shared)
        most = min(max(known, default=0), prompt.length_tokens - 1)
        return max(most, 0) // block * block

    def sent(self, prompt: Prompt) -> None:
        """``prompt`` is on its way."""
        if self._in_order:
            self._stand(prompt.shared)

    def add(self, prompt: Prompt) -> None:
        """The server has answered ``prompt``."""
        self._stand(prompt.shared)

    def _stand(self, parts: Iterable[SharedPrefix]) -> None:
        for part in () if self._is_cold else parts:
            self._tokens[part.name] = max(self._tokens.get(part.name, 0), part.tokens)
