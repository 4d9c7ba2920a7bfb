"""Estimates of tokens, against the offline embedder's own tokenizer."""

import pytest

from lectern.models.offline import OfflineEmbedder
from lectern.settings import Settings
from lectern.tokens import estimate_tokens, token_estimator

CONTRACTS = {
    "English": "The contract takes effect when both parties have signed it, and it can be changed "
    "in writing only. Each of the parties may end it with three months' notice.",
    "German": "Der Vertrag wird mit der Unterzeichnung durch beide Parteien wirksam und kann nur "
    "schriftlich geändert werden. Jede Partei kann ihn mit einer Frist von drei Monaten kündigen.",
    "French": "Le contrat prend effet à la signature des deux parties et ne peut être modifié que "
    "par écrit. Chacune des parties peut le résilier avec un préavis de trois mois.",
    "Italian": "Il contratto entra in vigore con la firma di entrambe le parti e può essere "
    "modificato soltanto per iscritto. Ciascuna parte può recedere con un preavviso di tre mesi.",
    "Spanish": "El contrato entra en vigor con la firma de ambas partes y solo puede modificarse "
    "por escrito. Cada una de las partes puede rescindirlo con un preaviso de tres meses.",
    "Finnish": "Sopimus tulee voimaan, kun molemmat osapuolet ovat allekirjoittaneet sen, ja sitä "
    "voidaan muuttaa vain kirjallisesti. Kumpikin osapuoli voi irtisanoa sen kolmessa kuukaudessa.",
}


@pytest.mark.parametrize("language", CONTRACTS)
def test_prose_is_not_taken_for_much_shorter_than_it_is(language: str) -> None:
    text = CONTRACTS[language]
    true = OfflineEmbedder(Settings().home).count_tokens(text)

    estimate = token_estimator(text)(text)

    assert 0.85 <= estimate / true <= 1.4


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("| Station | Umsatz |\n| --- | --- |\n| Köln | 1.200 |\n" * 8, id="table"),
        pytest.param("def close(self):\n    self._open = False\n    return None\n" * 8, id="code"),
        pytest.param("연차 휴가는 입사 1년이 지나면 15일이 부여됩니다. " * 8, id="Korean"),
        pytest.param("Grüße aus Köln", id="too little to tell"),
    ],
)
def test_only_prose_in_latin_letters_weighs_more(text: str) -> None:
    assert token_estimator(text)(text) == estimate_tokens(text)
