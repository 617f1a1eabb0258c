package look

import (
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// printer writes numbers with the separators of the user's language.
var printer = message.NewPrinter(language.English)

// SetLanguage chooses the language whose separators numbers have. Call it once,
// before the window is built.
func SetLanguage(tag language.Tag) { printer = message.NewPrinter(tag) }

// Number is n with the separators of the user's language: 86,412.
func Number(n int) string { return printer.Sprintf("%d", n) }

// Count is n with the noun that fits it: "1 conflict", "1,204 conflicts".
func Count(n int, one, many string) string {
	if n == 1 {
		return Number(n) + " " + one
	}
	return Number(n) + " " + many
}

// Share is part of whole as a percentage, short: "6%", "0.05%". A part that is
// not zero never shows as 0%.
func Share(part, whole int) string {
	if whole <= 0 || part <= 0 {
		return "0%"
	}
	p := float64(part) / float64(whole) * 100
	switch {
	case p >= 99.5 && part < whole:
		return "99%"
	case p >= 0.95:
		return printer.Sprintf("%.0f%%", p)
	case p >= 0.01:
		return printer.Sprintf("%.2f%%", p)
	}
	return "under 0.01%"
}

// Bytes is a size as people read one: "812 kB", "41 MB", "1.8 GB".
func Bytes(n int64) string {
	switch {
	case n < 1e6:
		return printer.Sprintf("%d kB", (n+999)/1e3)
	case n < 1e9:
		return printer.Sprintf("%d MB", (n+5e5)/1e6)
	}
	return printer.Sprintf("%.1f GB", float64(n)/1e9)
}
