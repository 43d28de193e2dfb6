namespace Blobs.Errors;

/// <summary>
/// The base class of errors that come from outside the program: bad input, a full disk, a damaged store. Programming mistakes
/// throw <see cref="ArgumentException"/> and its family instead, and cancellation is never wrapped.
/// </summary>
/// <remarks>The message is one line that says what failed, where, and what was expected. It can be shown to a user as it is.</remarks>
public abstract class BlobsException : Exception
{
    /// <summary>For error classes of our own packages and of implementations of their interfaces.</summary>
    /// <param name="message">One line: what failed, where, what was expected and what was found.</param>
    /// <param name="inner">The cause, if there is one.</param>
    protected BlobsException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
