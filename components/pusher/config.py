"""Where blessed models are published."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from files.paths import pattern_problem


class PusherConfig(BaseModel):
    """The folder of versions that TensorFlow Serving mounts and polls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="false trains and judges only: for ablations and trials.")
    directory: str | None = Field(
        default=None,
        description="Folder of the pushed versions, local or remote; null for models/<serving.model_name> below root.",
    )

    @field_validator("directory")
    @classmethod
    def _one_folder(cls, directory: str | None) -> str | None:
        if problem := pattern_problem(directory or ""):
            raise ValueError(problem)
        return directory
