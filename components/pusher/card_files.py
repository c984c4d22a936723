"""Where the model card lies in the folder of a published version. It imports no TensorFlow, unlike its neighbours."""

CARD_JSON, CARD_MARKDOWN = "assets.extra/model_card.json", "assets.extra/model_card.md"
