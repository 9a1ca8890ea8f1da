"""Durable background jobs for Supabase apps."""
