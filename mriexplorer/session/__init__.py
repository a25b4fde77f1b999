"""What a person does: undo, jobs, loading, gallery, lessons. The only room that changes things."""
