"""The words of the product: frozen values, validated at birth, standard library only."""
