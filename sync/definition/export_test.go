package definition

// GrammarKeys are the keys that the grammar takes, by the part they stand in.
func GrammarKeys() map[string][]string {
	return map[string][]string{"": documentPart.names(), "source": sourcePart.names(), "fields[]": fieldPart.names()}
}

// GrammarKey is a key as the reference shows it.
type GrammarKey struct {
	Part, Name, Without, Example string
	Words                        []string
	Needed                       bool
}

// Grammar is every key of the grammar.
func Grammar() (all []GrammarKey) {
	for _, p := range parts {
		for _, k := range p.keys {
			all = append(all, GrammarKey{p.name, k.name, k.without, k.example, k.words, k.needed})
		}
	}
	return all
}
