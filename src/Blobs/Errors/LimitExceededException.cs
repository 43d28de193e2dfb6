namespace Blobs.Errors;

/// <summary>Input that is well formed but larger than a limit of <see cref="Limits"/> allows.</summary>
public sealed class LimitExceededException : BlobsException
{
    /// <summary>Refuses what is over a limit.</summary>
    internal LimitExceededException(string limit, long allowed, string message)
        : base(message)
    {
        Limit = limit;
        Allowed = allowed;
    }

    /// <summary>Name of the property of <see cref="Limits"/> that was met.</summary>
    public string Limit { get; }

    /// <summary>The value that was in force, in that property's unit.</summary>
    public long Allowed { get; }
}
