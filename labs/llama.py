"""The generator and the embedder as llama-index knows them: thin, the same objects."""

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.custom import CustomLLM

from labs.embedding import Embedder
from labs.models import Generator
from labs.prompts import Messages


class LabsLLM(CustomLLM):
    """`labs.models.Generator` behind llama-index's interface, one prompt at a time."""

    max_new_tokens: int
    _generator: Generator = PrivateAttr()

    def __init__(self, generator: Generator, max_new_tokens: int) -> None:
        super().__init__(max_new_tokens=max_new_tokens)
        self._generator = generator

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(
            context_window=self._generator.backend.context_window,
            num_output=self.max_new_tokens,
            is_chat_model=True,
            model_name=self._generator.profile.model,
        )

    @llm_completion_callback()
    def complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponse:
        return CompletionResponse(text=self._ask([{"role": "user", "content": prompt}]))

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        text = self._ask([{"role": "user", "content": prompt}])
        yield CompletionResponse(text=text, delta=text)

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        asked = [{"role": m.role.value, "content": m.content or ""} for m in messages]
        answer = ChatMessage(role=MessageRole.ASSISTANT, content=self._ask(asked))
        return ChatResponse(message=answer, delta=answer.content)

    @llm_chat_callback()
    def stream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseGen:
        yield self.chat(messages)

    def _ask(self, messages: Messages) -> str:
        return self._generator.generate([messages], self.max_new_tokens)[0]


class LabsEmbedding(BaseEmbedding):
    """`labs.embedding.Embedder` behind llama-index's interface."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        # All texts in one call: the embedder makes its own batches, sorted by length.
        super().__init__(model_name=embedder.directory.name, embed_batch_size=2048)
        self._embedder = embedder

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed(texts).tolist()

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)
