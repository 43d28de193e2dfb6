namespace Blobs.Errors;

/// <summary>Input that is well formed but exceeds one of the <see cref="Limits"/>.</summary>
public sealed class LimitExceededException : BlobsException
{
    /// <summary>Creates the error.</summary>
    public LimitExceededException(string limit, long allowed, string message)
        : base(message)
    {
        Limit = limit;
        Allowed = allowed;
    }

    /// <summary>Name of the property of <see cref="Limits"/> that was exceeded.</summary>
    public string Limit { get; }

    /// <summary>The value of that property, in its unit.</summary>
    public long Allowed { get; }
}
