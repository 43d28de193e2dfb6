namespace Blobs.Cli;

/// <summary>A failure that is reported by its message alone, which names what the user gave.</summary>
internal sealed class WorkFailedException(string message, Exception? inner = null) : Exception(message, inner);
