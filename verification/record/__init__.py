"""The record that a person carries to a title application or to another district (V10): as a numbered paper
继续教育情况证明, as a signed file, as an Open Badge; and the files of other districts, taken over as hours."""
