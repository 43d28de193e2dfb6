namespace Blobs.Cli;

/// <summary>A failure whose message names the file the user gave.</summary>
internal sealed class WorkFailedException(string message, Exception? inner = null) : Exception(message, inner);
