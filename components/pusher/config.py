"""Where blessed models are published."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from files.paths import HomePath, pattern_problem


class PusherConfig(BaseModel):
    """The folder of versions that TensorFlow Serving mounts and polls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        default=True, description="With false, the run is a trial: it trains and judges models and publishes nothing."
    )
    directory: HomePath | None = Field(
        default=None,
        description="Folder of the published versions, local or remote. Default: <root>/models/<serving.model_name>.",
    )

    @field_validator("directory")
    @classmethod
    def _one_folder(cls, directory: str | None) -> str | None:
        if problem := pattern_problem(directory or ""):
            raise ValueError(problem)
        return directory
