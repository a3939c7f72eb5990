"""The intent classifier: a linear support vector machine over words, their parts and their meaning."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.assistant import intent_features
from bot.assistant.intent_features import Feature, Vectoriser
from bot.assistant.word_vectors import VECTORS_FILE, load_word_vectors

INTENT_RANKING_KEY = "intent_ranking"
# What a message gets that says nothing the assistant was made for, and one that it is not sure about.
FALLBACK_INTENT = "out_of_scope"
_WEIGHTS, _FEATURES = "weights.npz", "features.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PatientIntentClassifier(GraphComponent):  # type: ignore[misc]  # Rasa ships no types
    """Says what a patient wants, and falls back to `out_of_scope` when two intents are too close to call.

    Adds to what Rasa returns: `intent`, `intent_ranking` and `fallback` (true, if the intent named is the fallback
    because the classifier was not sure; the guess it did not trust is then the first of the ranking after it).
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """See docs/language.md for how these were chosen.

        `regularisation` is the C of the support vector machine; `sharpness` turns its scores into confidences;
        `least_confidence` is the confidence below which the message is not acted on.
        """
        return {"regularisation": 0.7, "sharpness": 8.0, "least_confidence": 0.8, "ranking_length": 10}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._vectoriser: Vectoriser | None = None
        self._intents: list[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._offsets = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PatientIntentClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A change of the word vectors or of the features makes Rasa train again."""
        digest = hashlib.sha256(VECTORS_FILE.read_bytes())
        digest.update(Path(intent_features.__file__).read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples, and keep what was learnt."""
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types
        from sklearn.svm import LinearSVC  # type: ignore[import-untyped]  # ships no types

        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        if len({example.get(INTENT) for example in examples}) < 2:
            return self._resource
        vectoriser = Vectoriser.fit([example.get(TEXT) for example in examples], load_word_vectors())
        vectors = [vectoriser.vector(example.get(TEXT)) for example in examples]
        matrix = csr_matrix(
            (
                [weight for _, weights in vectors for weight in weights],
                [column for columns, _ in vectors for column in columns],
                np.cumsum([0] + [len(columns) for columns, _ in vectors]),
            ),
            shape=(len(vectors), vectoriser.width),
        )
        machine = LinearSVC(C=self._config["regularisation"], class_weight="balanced", random_state=0)
        machine.fit(matrix, [example.get(INTENT) for example in examples])
        self._vectoriser = vectoriser
        self._intents = [str(intent) for intent in machine.classes_]
        self._weights = _by_intent(machine.coef_.T)
        self._offsets = _by_intent(machine.intercept_)
        self._persist(vectoriser)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent, the ranking and whether the classifier was sure."""
        for message in messages:
            ranking, sure = self.rank(message.get(TEXT) or "")
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[: self._config["ranking_length"]], add_to_output=True)
            message.set("fallback", not sure, add_to_output=True)
        return messages

    def rank(self, text: str) -> tuple[list[dict[str, Any]], bool]:
        """The intents, most likely first, each with `name` and `confidence`; and whether the classifier is sure."""
        columns, weights = self._vectoriser.vector(text) if self._vectoriser else ([], [])
        if not columns:
            return [{INTENT_NAME_KEY: FALLBACK_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}], False
        scores = np.asarray(weights, dtype=np.float32) @ self._weights[columns].astype(np.float32) + self._offsets
        likely = np.exp(self._config["sharpness"] * (scores - scores.max()))
        likely /= likely.sum()
        order = np.argsort(-likely)
        ranking = [
            {INTENT_NAME_KEY: self._intents[place], PREDICTED_CONFIDENCE_KEY: float(likely[place])} for place in order
        ]
        confidence = ranking[0][PREDICTED_CONFIDENCE_KEY]
        if confidence >= self._config["least_confidence"]:
            return ranking, True
        fallback = {INTENT_NAME_KEY: FALLBACK_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0 - confidence}
        return [fallback, *(entry for entry in ranking if entry[INTENT_NAME_KEY] != FALLBACK_INTENT)], False

    def _persist(self, vectoriser: Vectoriser) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(
                folder / _WEIGHTS,
                weights=self._weights.astype(np.float16),
                offsets=self._offsets,
                rarity=np.asarray(vectoriser.rarity, dtype=np.float32),
            )
            kept = {
                "intents": self._intents,
                "features": list(vectoriser.columns),
            }
            (folder / _FEATURES).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> PatientIntentClassifier:
        """The classifier as it was trained; an untrained one if there were no examples."""
        classifier = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                kept = json.loads((folder / _FEATURES).read_text(encoding="utf-8"))
                arrays = np.load(folder / _WEIGHTS, allow_pickle=False)
                columns: dict[Feature, int] = {(block, name): at for at, (block, name) in enumerate(kept["features"])}
                classifier._vectoriser = Vectoriser(load_word_vectors(), columns, arrays["rarity"].tolist())
                classifier._intents = kept["intents"]
                classifier._weights, classifier._offsets = arrays["weights"], arrays["offsets"]
        except ValueError:
            # Rasa's way of saying that nothing was kept under this name.
            return classifier
        return classifier


def _by_intent(learnt: Any) -> Any:
    """One column for each intent, also where there are only two and the machine keeps a single one."""
    array = np.asarray(learnt, dtype=np.float32)
    return np.concatenate([-array, array], axis=-1) if array.shape[-1] == 1 else array
