"""The queue of one Supabase project: the calls to its SQL functions, and what carries them."""
