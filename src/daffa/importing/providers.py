"""Which wire speaks to which provider, and where: public addresses of November 2026. Knows no file."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["LITELLM", "OPENGATELLM", "Provider"]


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider is spoken to.

    Attributes:
        wire: the wire.
        url: its public address; ``""`` where each customer has their own.
        variable: the variable in which its key is usually kept; ``""`` where there is none.
        tail: what stands behind the address that the other gateway is given.
    """

    wire: str = "openai"
    url: str = ""
    variable: str = ""
    tail: str = ""

    def address(self, given: str) -> str:
        """The address as Daffa wants it: up to ``/v1`` or what stands for it."""
        if not given:
            return self.url
        base = given.rstrip("/")
        for path in ("/chat/completions", "/v1/messages"):
            base = base.removesuffix(path)
        if self.tail and not base.endswith(self.tail):
            return base + self.tail
        bare = self.wire == "openai" and not urlsplit(base).path
        return f"{base}/v1" if bare else base


_OWN = Provider()
LITELLM: dict[str, Provider] = {
    "openai": Provider(url="https://api.openai.com/v1", variable="OPENAI_API_KEY"),
    "azure": Provider(variable="AZURE_API_KEY", tail="/openai/v1"),
    "azure_ai": Provider(variable="AZURE_AI_API_KEY"),
    "anthropic": Provider("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    "gemini": Provider("gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY"),
    "mistral": Provider("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "codestral": Provider(url="https://codestral.mistral.ai/v1", variable="CODESTRAL_API_KEY"),
    "dashscope": Provider(url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1", variable="DASHSCOPE_API_KEY"),
    "deepseek": Provider(url="https://api.deepseek.com/v1", variable="DEEPSEEK_API_KEY"),
    "moonshot": Provider(url="https://api.moonshot.ai/v1", variable="MOONSHOT_API_KEY"),
    "zai": Provider(url="https://api.z.ai/api/paas/v4", variable="ZAI_API_KEY"),
    "volcengine": Provider(url="https://ark.cn-beijing.volces.com/api/v3", variable="VOLCENGINE_API_KEY"),
    "groq": Provider(url="https://api.groq.com/openai/v1", variable="GROQ_API_KEY"),
    "together_ai": Provider(url="https://api.together.xyz/v1", variable="TOGETHERAI_API_KEY"),
    "fireworks_ai": Provider(url="https://api.fireworks.ai/inference/v1", variable="FIREWORKS_AI_API_KEY"),
    "openrouter": Provider(url="https://openrouter.ai/api/v1", variable="OPENROUTER_API_KEY"),
    "xai": Provider(url="https://api.x.ai/v1", variable="XAI_API_KEY"),
    "perplexity": Provider(url="https://api.perplexity.ai", variable="PERPLEXITYAI_API_KEY"),
    "deepinfra": Provider(url="https://api.deepinfra.com/v1/openai", variable="DEEPINFRA_API_KEY"),
    "cerebras": Provider(url="https://api.cerebras.ai/v1", variable="CEREBRAS_API_KEY"),
    "sambanova": Provider(url="https://api.sambanova.ai/v1", variable="SAMBANOVA_API_KEY"),
    "nvidia_nim": Provider(url="https://integrate.api.nvidia.com/v1", variable="NVIDIA_NIM_API_KEY"),
    "huggingface": Provider(url="https://router.huggingface.co/v1", variable="HF_TOKEN"),
    "nebius": Provider(url="https://api.studio.nebius.ai/v1", variable="NEBIUS_API_KEY"),
    "ovhcloud": Provider(url="https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", variable="OVHCLOUD_API_KEY"),
    "databricks": Provider(variable="DATABRICKS_API_KEY"),
    "ollama": Provider(url="http://localhost:11434/v1", tail="/v1"),
    "ollama_chat": Provider(url="http://localhost:11434/v1", tail="/v1"),
    "hosted_vllm": _OWN,
    "vllm": _OWN,
    "lm_studio": _OWN,
    "llamafile": Provider(url="http://127.0.0.1:8080/v1"),
    "xinference": Provider(url="http://127.0.0.1:9997/v1"),
    "infinity": _OWN,
    "litellm_proxy": _OWN,
    "openai_like": _OWN,
    "custom_openai": _OWN,
}

OPENGATELLM: dict[str, Provider] = {
    "albert": Provider(url="https://albert.api.etalab.gouv.fr/v1", tail="/v1"),
    "mistral": Provider("mistral", "https://api.mistral.ai/v1", tail="/v1"),
    "openai": Provider(url="https://api.openai.com/v1", tail="/v1"),
    "vllm": Provider(tail="/v1"),
}
