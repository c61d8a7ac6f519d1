"""Batched generation with a checkpoint on this machine, greedy or drawn."""

import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from labs import checkpoints, progress
from labs.adapters import Adapter
from labs.errors import LabsError, unreadable
from labs.models import GREEDY, Draw, Generation
from labs.profiles import Profile
from labs.prompts import Messages

LOADED = 3  # models whose weights stay in memory: a small GPU holds no more
_in_use: list[weakref.ref["LocalModel"]] = []  # those with weights, last used last


class LocalModel:
    """A causal language model of transformers; loaded when it is first needed.

    The weights of the model that was used longest ago are dropped for a new one's, and
    loaded again when it generates again: notebooks may make as many as they like.

    Args:
        adapter: LoRA weights, merged into the model's own when it is loaded.

    Raises:
        LabsError: the checkpoint is not there or not whole, or the adapter is of
            another one.
    """

    def __init__(self, profile: Profile, adapter: Adapter | None = None) -> None:
        self.profile, self.adapter = profile, adapter
        self.directory = checkpoints.locate(profile.model)
        self.identity = {
            "checkpoint": checkpoints.fingerprint(self.directory),
            "dtype": profile.dtype,
        }
        if adapter:
            adapter.check_base(self.identity["checkpoint"])
            self.identity["adapter"] = adapter.key

    @cached_property
    def context_window(self) -> int:
        """Tokens of prompt and answer together."""
        from transformers import AutoConfig

        config = self._load(AutoConfig)
        return config.get_text_config().max_position_embeddings

    def run(
        self, prompts: Sequence[Messages], max_new_tokens: int, draw: Draw = GREEDY
    ) -> Iterator[Mapping[int, Generation]]:
        """Answers by position, in batches of like length, the longest first.

        Raises:
            LabsError: a prompt and its answer do not fit into the context; the
                checkpoint does not load or has no chat template.
        """
        self._make_room()
        encoded = self._encode(prompts)
        lengths = [len(tokens) for tokens in encoded]
        self._check_lengths(lengths, max_new_tokens)
        for batch in batches(lengths, max_new_tokens, self.profile.batch_tokens):
            done = self._generate([encoded[i] for i in batch], max_new_tokens, draw)
            yield dict(zip(batch, done, strict=True))

    def _make_room(self) -> None:
        """Keep this model and those used last; drop the weights of all others."""
        others = [own for ref in _in_use if (own := ref()) and own is not self]
        for model in others[: 1 - LOADED]:
            model.free()
        _in_use[:] = [weakref.ref(own) for own in [*others[1 - LOADED :], self]]

    def free(self) -> None:
        """Drop the weights, and give their memory back to the GPU."""
        self.__dict__.pop("_model", None)
        if self.profile.device == "cuda":
            import torch

            torch.cuda.empty_cache()

    def _encode(self, prompts: Sequence[Messages]) -> list[list[int]]:
        """Token ids by the checkpoint's own chat template, without thinking aloud."""
        if not self._tokenizer.chat_template:
            raise LabsError(
                f"The tokenizer in {self.directory} has no chat template. Expected an "
                "instruct model; choose one in LABS_MODEL."
            )
        texts = [
            self._tokenizer.apply_chat_template(
                messages,
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=False,  # a template without that switch ignores it
            )
            for messages in prompts
        ]
        return self._tokenizer(texts, add_special_tokens=False)["input_ids"]

    def _check_lengths(self, lengths: list[int], max_new_tokens: int) -> None:
        room = self.context_window - max_new_tokens
        longest = max(lengths)
        if longest > room:
            raise LabsError(
                f"Prompt {lengths.index(longest)} has {longest} tokens and its answer "
                f"up to {max_new_tokens}; the context of this model has "
                f"{self.context_window}. {sum(n > room for n in lengths)} of "
                f"{len(lengths)} prompts are too long: give fewer or shorter passages, "
                "or a smaller max_new_tokens."
            )

    def _generate(
        self, prompts: list[list[int]], max_new_tokens: int, draw: Draw
    ) -> list[Generation]:
        """The answers to one batch of token ids."""
        import torch

        how: dict[str, Any] = {}
        if draw:
            how = {"do_sample": True, "temperature": draw.temperature, "top_k": 0}
            torch.manual_seed(draw.seed)

        started_s = time.perf_counter()
        ids, mask = left_pad(prompts, self._model.generation_config.pad_token_id)
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=torch.tensor(ids, device=self.profile.device),
                attention_mask=torch.tensor(mask, device=self.profile.device),
                max_new_tokens=max_new_tokens,
                **how,
            )
        answers = [self._until_end(row[len(ids[0]) :]) for row in out.tolist()]
        texts = self._tokenizer.batch_decode(answers, skip_special_tokens=True)
        seconds = (time.perf_counter() - started_s) / len(prompts)
        return [
            Generation(text.strip(), len(prompt), len(answer), seconds)
            for text, prompt, answer in zip(texts, prompts, answers, strict=True)
        ]

    def _until_end(self, answer: list[int]) -> list[int]:
        """Up to the token that ends an answer; padding follows it."""
        ends = self._model.generation_config.eos_token_id
        stops = (i for i, token in enumerate(answer, start=1) if token in ends)
        return answer[: next(stops, len(answer))]

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return self._load(AutoTokenizer)

    @cached_property
    def _model(self) -> Any:
        """In evaluation mode, set to greedy answers whatever the checkpoint prefers."""
        import torch
        from transformers import AutoModelForCausalLM, GenerationConfig

        model, report = self._load(
            AutoModelForCausalLM,
            dtype=getattr(torch, self.profile.dtype),
            use_safetensors=True,
            output_loading_info=True,
        )
        if missing := sorted(report["missing_keys"]):
            raise LabsError(
                f"The weights in {self.directory} lack {len(missing)} tensors, such as "
                f"{missing[0]}. Expected all that config.json describes; copy or fetch "
                "the checkpoint again."
            )
        ends = self._end_tokens(model.generation_config.eos_token_id)
        pad = self._tokenizer.pad_token_id
        model.generation_config = GenerationConfig(
            do_sample=False,
            eos_token_id=ends,
            pad_token_id=ends[0] if pad is None else pad,
        )
        if self.adapter:
            model = self.adapter.merged_into(model)
        return model.to(self.profile.device).eval()

    def _end_tokens(self, configured: int | list[int] | None) -> list[int]:
        """What the generation config names, and the tokenizer's own."""
        ends = configured if isinstance(configured, list) else [configured]
        found = {*ends, self._tokenizer.eos_token_id} - {None}
        if not found:
            raise LabsError(
                f"The checkpoint in {self.directory} names no token that ends an "
                "answer. Expected eos_token in tokenizer_config.json."
            )
        return sorted(found)

    def _load(self, loader: Any, **options: Any) -> Any:
        progress.quiet_loading()
        try:
            return loader.from_pretrained(
                self.directory,
                trust_remote_code=False,
                local_files_only=True,
                **options,
            )
        except Exception as error:  # transformers raises many kinds
            raise unreadable(self.directory, error) from error


def batches(lengths: list[int], answer: int, limit: int) -> Iterator[list[int]]:
    """Positions in batches of like length, the longest first.

    A batch holds at most `limit` tokens: its prompts, padded to the longest, with
    `answer` tokens each. A prompt that is longer alone is a batch of its own.
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    while order:
        size = max(1, limit // (lengths[order[0]] + answer))
        yield order[:size]
        order = order[size:]


def left_pad(
    prompts: list[list[int]], pad: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids and attention mask, so that every prompt ends where its answer begins.

    `generate` counts positions from the mask: padding moves no token.
    """
    width = max(len(prompt) for prompt in prompts)
    gaps = [width - len(prompt) for prompt in prompts]
    ids = [[pad] * gap + prompt for gap, prompt in zip(gaps, prompts, strict=True)]
    mask = [[0] * gap + [1] * (width - gap) for gap in gaps]
    return ids, mask
