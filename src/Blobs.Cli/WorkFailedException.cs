namespace Blobs.Cli;

/// <summary>A failure whose message names the file the user gave.</summary>
internal sealed class WorkFailedException(string message, Exception inner) : Exception(message, inner);
