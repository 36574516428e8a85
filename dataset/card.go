package dataset

const cardName = "README.md"

func renderCard(m Manifest, stats *Stats) ([]byte, error) { return []byte("# " + m.Name + "\n"), nil }
