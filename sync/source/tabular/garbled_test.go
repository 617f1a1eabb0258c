package tabular

import "testing"

func TestGarbled(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"MÃ¼ller": "Müller", "RenÃ©e": "Renée", "Itâ€™s": "It’s", "100Â€": "", "5 Â£": "5 £", "M√ºller": "Müller", "M├╝ller": "Müller", "Ð˜Ð²Ð°Ð½": "Иван", "РџСЂРёРІРµС‚": "Привет",
		"Müller": "", "Ångström": "", "São Paulo": "", "Ñandú": "", "Иванов": "", "Łódź": "", "日本": "", "naïve café": "", "ÄÖÜ": "", "ÉCOLE": "", "Öß": "", "Ã": "", "½ × ¼": "", "Ça va": "", "Сі": "",
	} {
		if got, ok := garbled(text); got != want || ok != (want != "") {
			t.Errorf("%q may have been %q, want %q", text, got, want)
		}
	}
}
