package assets

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/fyne-io/oksvg"
)

func TestEveryIconParses(t *testing.T) {
	t.Parallel()
	names := Icons()
	if len(names) < 80 || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Fatalf("%d icons, some perhaps twice: %v", len(names), names)
	}
	for _, name := range names {
		data := Icon(name)
		if bytes.HasPrefix(data, []byte("\x89PNG")) {
			if _, err := png.Decode(bytes.NewReader(data)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		// What the window draws with; strict, it also reports what it would leave out.
		icon, err := oksvg.ReadIconStream(bytes.NewReader(data), oksvg.StrictErrorMode)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if icon.ViewBox.W == 0 || icon.ViewBox.W != icon.ViewBox.H || len(icon.SVGPaths) == 0 {
			t.Errorf("%s is %v by %v with %d paths", name, icon.ViewBox.W, icon.ViewBox.H, len(icon.SVGPaths))
		}
		if !strings.HasPrefix(name, "app") {
			checkTintable(t, name, data)
		}
	}
}

// checkTintable reports what would stay black when the icon is recoloured:
// everything but black fills.
func checkTintable(t *testing.T, name string, data []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			if a.Name.Local == "stroke" && a.Value != "none" || a.Name.Local == "fill" && a.Value != "#000000" {
				t.Errorf("%s: %s has %s=%q", name, e.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

func TestAnUnknownIconIsNil(t *testing.T) {
	t.Parallel()
	if Icon("nothing-of-the-kind") != nil || Icon("../assets") != nil {
		t.Error("an unknown icon has a picture")
	}
	if Icon("conflict") == nil || Icon("app-128") == nil {
		t.Error("a known icon has none")
	}
}
