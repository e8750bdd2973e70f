"""One serving configuration, as it was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RopeRequest:
    """RoPE as the user asked for it; with no field set the checkpoint's own is kept."""

    factor: float | None = None
    """YaRN with this factor over the checkpoint's own RoPE parameters."""
    parameters: tuple[tuple[str, object], ...] | None = None
    """RoPE parameters in vLLM's words, as sorted items, merged over the checkpoint's own."""
    hf_overrides: str | None = None
    """The user's own ``--hf-overrides`` as canonical JSON, sent as they are."""

    @property
    def is_native(self) -> bool:
        """Whether the checkpoint's own RoPE is kept."""
        return self.factor is None and self.parameters is None and self.hf_overrides is None

    @property
    def label(self) -> str:
        """A short name for titles and tables, such as ``yarn x4``."""
        if self.factor is not None:
            return f"yarn x{self.factor:g}"
        if self.hf_overrides is not None:
            return "hf_overrides as written"
        if self.parameters is None:
            return "native"
        parameters = dict(self.parameters)
        kind = parameters.get("rope_type", parameters.get("type", "checkpoint's type"))
        factor = parameters.get("factor")
        return f"{kind} x{factor:g}" if isinstance(factor, int | float) else str(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One serving configuration; each variant is one engine start and is asked the same trials."""

    name: str
    """Unique in its suite; becomes part of file names."""
    model: str
    """Hub id, local folder, or the embedded model's name."""
    rope: RopeRequest = RopeRequest()
    """The RoPE asked for."""
    max_model_len: int | None = None
    """Context length in tokens to serve; None derives it from the RoPE and the plan."""
    quantization: str | None = None
    """vLLM's ``--quantization``; None leaves it to the checkpoint."""
    kv_cache_dtype: str | None = None
    """vLLM's ``--kv-cache-dtype``; None leaves it to vLLM."""
    dtype: str | None = None
    """vLLM's ``--dtype``; None leaves it to vLLM."""
    engine_args: tuple[str, ...] = ()
    """Further arguments of vLLM's server, as typed."""
    engine_env: tuple[tuple[str, str], ...] = ()
    """Environment variables of vLLM's server."""
    allow: tuple[str, ...] = ()
    """Rules of the preflight, and ``rope-mismatch`` of the proof, that do not stop it."""
    lengths: tuple[int, ...] | None = None
    """The part of the grid's lengths this variant is asked; None is all of them."""
