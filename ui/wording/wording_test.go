package wording

import "testing"

func TestSentencesBeginWithACapitalInEveryScript(t *testing.T) {
	for text, want := range map[string]string{"übergröße": "Übergröße", "“quoted”": "“quoted”", "": "", "שלום": "שלום", "a": "A"} {
		if got := SentenceCase(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
