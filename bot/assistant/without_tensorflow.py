"""Keeping TensorFlow out of the serving process: 340 MB and five seconds for classes that are never used.

Rasa imports a few training classes even where no component of the model learns with TensorFlow, and
spaCy's thinc imports TensorFlow wherever it is installed. Ours learn without it. Training is not touched.
"""

from __future__ import annotations

import sys
from types import ModuleType

UNUSED_CLASSES = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
    "rasa.graph_components.validators.default_recipe_validator": ("DefaultV1RecipeValidator",),
}


def leave_out_tensorflow() -> None:
    """Make `import tensorflow` fail from here on; call it before the first import of Rasa or spaCy."""
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # Python's own way to say: not importable
    for name, classes in UNUSED_CLASSES.items():
        stand_in = ModuleType(name)
        for class_name in classes:
            setattr(stand_in, class_name, type(class_name, (), {}))
        sys.modules[name] = stand_in
