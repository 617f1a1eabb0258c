package assets

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// RecipeSet is the name of a recipe's set among its files.
const RecipeSet = "set.yaml"

//go:embed recipes
var recipes embed.FS

// Recipe is a set of syncs to start from, with files of invented people, firms
// and amounts. It works with the practice portal as it is.
type Recipe struct {
	Name  string // of its folder: "billing-to-deals"
	Title string // what it does: "Deals moved by billing"
	About string // a sentence
	// Objects are the object types that its syncs fill, by their names, in the order
	// of their runs.
	Objects []string
}

// Recipes returns all there are, the simplest first.
func Recipes() []Recipe {
	return []Recipe{
		{"contacts-with-companies", "Contacts with their companies", "Two lists, people and firms, kept the same on both sides, each person with the firm that the list names.", []string{"companies", "contacts"}},
		{"billing-to-deals", "Deals moved by billing", "Invoices become deals: amount, close date and stage follow the ledger, and each invoice line becomes a line item.", []string{"companies", "deals", "line_items"}},
		{"tickets", "Tickets with contact and company", "Requests from a help desk become tickets in their stage, each with who asked and where that person works.", []string{"companies", "contacts", "tickets"}},
		{"crm-migration", "Another CRM to HubSpot", "Five exports of a CRM: accounts, people, opportunities, who has which role in them, and notes.", []string{"companies", "contacts", "deals", "notes"}},
	}
}

// FindRecipe returns the recipe of a name.
func FindRecipe(name string) (Recipe, bool) {
	for _, r := range Recipes() {
		if r.Name == name {
			return r, true
		}
	}
	return Recipe{}, false
}

// Files returns the recipe's files: tables, definitions, and RecipeSet.
func (r Recipe) Files() fs.FS {
	files, err := fs.Sub(recipes, path.Join("recipes", r.Name))
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return files
}

// Write copies the recipe into a folder, which it makes if need be, and returns
// where its set is. change may give a file another content; nil leaves all as
// they are. A file that is already there stays: it may hold somebody's edits.
func (r Recipe) Write(dir string, change func(name string, data []byte) ([]byte, error)) (set string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the folder of the recipe: %w", err)
	}
	err = fs.WalkDir(r.Files(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(r.Files(), name)
		if err == nil && change != nil {
			data, err = change(name, data)
		}
		if err != nil {
			return err
		}
		return writeNew(filepath.Join(dir, name), data)
	})
	if err != nil {
		return "", fmt.Errorf("write the recipe: %w", err)
	}
	return filepath.Join(dir, RecipeSet), nil
}

// writeNew writes a file unless there is one. It becomes visible only when it is
// complete, since a broken one would stay for ever.
func writeNew(path string, data []byte) (err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".sample-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
