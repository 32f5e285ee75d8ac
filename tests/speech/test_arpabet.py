# ruff: noqa: RUF001 - IPA is written with letters that look like others
import pytest

from orchestrator.speech.arpabet import arpabet

pytestmark = pytest.mark.unit

TABLE = [
    ("p_ˈiː_t_s_ə", "P IY T S AH"),
    ("m_ˌɑːɹ_ɡ_ɚ_ɹ_ˈiː_ɾ_ə", "M AA R G ER R IY T AH"),
    ("k_æ_l_z_ˈoʊ_n_i", "K AE L Z OW N IY"),
    ("dʒ_ˌæ_l_ɐ_p_ˈiː_n_j_oʊ", "JH AE L AH P IY N Y OW"),
    ("ˈæpəlz", "AE P AH L Z"),
    ("tʃ_ˈɪ_k_ɪ_n", "CH IH K IH N"),
    ("(fr)_k_ʁ_w_a_s_ɑ̃_(en)", "K R W AA S AA"),
    ("t_ˈɪ_ɹ_ɐ_m_ˌiː_s_uː", "T IH R AH M IY S UW"),
]


@pytest.mark.parametrize(("ipa", "phones"), TABLE)
def test_ipa_becomes_the_sounds_that_the_model_knows(ipa: str, phones: str) -> None:
    assert " ".join(arpabet(ipa) or []) == phones


@pytest.mark.parametrize("ipa", ["", "_", "ǃ_a", "ʔ"])
def test_what_english_has_no_sound_for_is_said_to_be_unknown(ipa: str) -> None:
    assert arpabet(ipa) is None
