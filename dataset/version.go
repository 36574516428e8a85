package dataset

// Version is the release of luth. It stands in every manifest and file that
// luth writes, and a new one makes every stage of a recipe run again.
const Version = "0.1.0"
