// Package assets holds what is compiled into the program: the icons, and the
// sample data of the demo.
package assets

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// The icons are drawn as filled paths in black, which the window recolours;
// app.svg and its smaller forms keep their own colours.
//
//go:embed icons/*.svg icons/*.png
var icons embed.FS

// Icon returns the picture of an icon by its name without suffix, such as
// "conflict" or "app" (SVG) or "app-128" (PNG); nil if there is none. The
// caller must not change it.
func Icon(name string) []byte {
	for _, suffix := range []string{".svg", ".png"} {
		if data, err := icons.ReadFile("icons/" + name + suffix); err == nil {
			return data
		}
	}
	return nil
}

//go:embed pictures/*.svg
var pictures embed.FS

// Picture returns an illustration by its file name, nil if there is none. The
// caller must not change it.
func Picture(name string) []byte {
	data, err := pictures.ReadFile("pictures/" + name)
	if err != nil {
		return nil
	}
	return data
}

// Icons returns the names of all icons in alphabetical order.
func Icons() []string {
	entries, err := fs.ReadDir(icons, "icons")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
	}
	slices.Sort(names)
	return names
}
