package ui

import (
	"errors"
	"testing"

	"syncline/ui/look"
)

// Where the system has a dialog for files, that is asked, once at a time; one that
// fails is not asked again.
func TestTheSystemsDialogForFilesIsAsked(t *testing.T) {
	b := withSample(t, look.Light)
	var asked []fileChoice
	answer, open := make(chan []string), make(chan struct{}, 10)
	b.w.chooser = func(c fileChoice) ([]string, error) {
		asked = append(asked, c)
		open <- struct{}{}
		paths := <-answer
		if paths == nil {
			return nil, errors.New("no portal")
		}
		return paths, nil
	}
	var got []string
	ask := func() {
		b.w.chooseFile("Choose a file", "Use this file", "Tables", []string{".csv"}, "folder.test", func(path string) { got = append(got, path) })
	}
	ask()
	<-open
	ask() // it is open
	answer <- []string{"/data/a.csv"}
	b.until("the answer", func() bool { return len(got) == 1 })
	if len(asked) != 1 || asked[0].folder == "" || asked[0].endings[0] != ".csv" || got[0] != "/data/a.csv" {
		t.Errorf("asked %+v, got %v", asked, got)
	}
	ask()
	<-open
	if asked[1].folder != "/data" {
		t.Errorf("it begins in %s", asked[1].folder)
	}
	answer <- []string{} // cancelled
	b.until("the end", func() bool { return !b.w.choosing })
	if len(got) != 1 {
		t.Errorf("got %v", got)
	}
	ask()
	<-open
	answer <- nil
	b.until("the toolkit's own dialog", func() bool { return b.open() })
	if b.w.chooser != nil {
		t.Error("a dialog that fails is asked again")
	}
}
