package shell

import (
	"fyne.io/fyne/v2/lang"
	"golang.org/x/text/language"

	"syncline/app/shown"
)

// Words are the forms in which values are shown to the person: in the language of the system, and in
// this computer's time zone.
func (w *Window) Words() *shown.Words {
	return shown.New(language.Make(lang.SystemLocale().String()), nil)
}
