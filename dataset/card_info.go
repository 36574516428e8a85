package dataset

// Card is what a person says of a dataset; every number on the card is
// computed. Fields left out have the defaults named here.
type Card struct {
	PrettyName     string   `yaml:"pretty_name" json:"pretty_name,omitempty"`         // the dataset's name
	License        string   `yaml:"license" json:"license,omitempty"`                 // the Hub's identifier; "other"
	Description    string   `yaml:"description" json:"description,omitempty"`         // Markdown
	Tags           []string `yaml:"tags" json:"tags,omitempty"`                       // beside "luth"
	TaskCategories []string `yaml:"task_categories" json:"task_categories,omitempty"` // "text-generation"
	SourceDatasets []string `yaml:"source_datasets" json:"source_datasets,omitempty"` // "original"
	Limits         []string `yaml:"limits" json:"limits,omitempty"`                   // known limits, one sentence each
}
