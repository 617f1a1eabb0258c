package app

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"syncline/assets"
	"syncline/sync/hubspot"
)

// Recipe is a set of syncs that a newcomer starts from, with sample data.
type Recipe struct {
	assets.Recipe
	Labels []string // of its object types, for people
	Rows   int      // of all its tables
}

// Recipes returns all there are, the simplest first.
func Recipes() []Recipe {
	var all []Recipe
	for _, r := range assets.Recipes() {
		out := Recipe{Recipe: r}
		for _, name := range r.Objects {
			t, _ := hubspot.FindObjectType(name)
			out.Labels = append(out.Labels, t.Label)
		}
		tables, _ := fs.Glob(r.Files(), "*.csv") // the pattern is a good one
		for _, name := range tables {
			data, err := fs.ReadFile(r.Files(), name)
			if err == nil {
				out.Rows += bytes.Count(data, []byte("\n")) - 1
			}
		}
		all = append(all, out)
	}
	return all
}

// WriteRecipe copies a recipe into a folder and returns where its set is. Files
// that are there already stay as they are. portal is the connection that its
// definitions name; "" leaves that open, for the only one there is.
func WriteRecipe(name, dir, portal string) (set string, err error) {
	r, ok := assets.FindRecipe(name)
	if !ok {
		return "", noRecipe(name)
	}
	return r.Write(dir, func(name string, data []byte) ([]byte, error) {
		if portal == "" || filepath.Ext(name) != ".yaml" || name == assets.RecipeSet {
			return data, nil
		}
		line := "hubspot:\n  portal: " + strconv.Quote(portal) + "\n"
		if text := string(data); strings.Contains(text, "\nhubspot:\n") {
			return []byte(strings.Replace(text, "hubspot:\n", line, 1)), nil
		}
		return append(data, line...), nil // its rows are associations
	})
}

func noRecipe(name string) error {
	var names []string
	for _, r := range assets.Recipes() {
		names = append(names, r.Name)
	}
	return &UseError{Msg: fmt.Sprintf("there is no recipe %q: there are %s", name, strings.Join(names, ", "))}
}

// OpenRecipe makes a recipe ready to be tried with the practice portal: its files
// are written into the workspace's folder, the practice portal is connected where
// it is not yet, and Home shows the set. A recipe that was opened before is opened
// as it was left. It returns where the set is.
func (a *App) OpenRecipe(ctx context.Context, name string) (set string, err error) {
	c, err := a.ConnectPractice(ctx)
	if err != nil {
		return "", err
	}
	if set, err = WriteRecipe(name, filepath.Join(a.Store.Dir(), "recipes", name), c.Name); err != nil {
		return "", err
	}
	return set, a.AddSet(ctx, set)
}
