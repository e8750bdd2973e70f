from __future__ import annotations

from recallbench.lint.container import read_docker_run
from recallbench.lint.found import Word, texts


def words(text: str) -> list[Word]:
    return [Word(word, 1) for word in text.split()]


def test_options_are_told_from_image_and_arguments() -> None:
    container = read_docker_run(
        words("-it --rm --gpus all -v a:b --name=x -p 80:80 --init img:1 --model m"), {}, 1
    )

    assert container
    assert container.image == Word("img:1", 1)
    assert texts(container.arguments) == ["--model", "m"]
    assert container.entrypoint is None


def test_an_entry_point_takes_the_images_place() -> None:
    container = read_docker_run(words("--entrypoint sh img -c x"), {}, 1)

    assert container
    assert container.entrypoint == (Word("sh", 1),)


def test_without_an_image_there_is_no_container() -> None:
    assert read_docker_run(words("--rm -v"), {}, 1) is None
