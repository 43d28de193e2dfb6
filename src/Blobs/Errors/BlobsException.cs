namespace Blobs.Errors;

/// <summary>
/// The world's faults: bad input, a full disk, a damaged store. Programmer mistakes are
/// <see cref="ArgumentException"/> and its family instead, and cancellation is never wrapped.
/// </summary>
/// <remarks>The message is one line that says what, where, and what was expected; show it as it is.</remarks>
public abstract class BlobsException : Exception
{
    /// <summary>An error of a kind that a package of ours, or an implementation of one of its interfaces, has.</summary>
    /// <param name="message">What, where, expected and found.</param>
    /// <param name="inner">What it came from.</param>
    protected BlobsException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
