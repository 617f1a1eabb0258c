package definition

// GrammarKeys are the keys that the grammar takes, by the part they stand in.
func GrammarKeys() map[string][]string {
	return map[string][]string{"": documentKeys, "source": sourceKeys, "fields[]": fieldKeys}
}
