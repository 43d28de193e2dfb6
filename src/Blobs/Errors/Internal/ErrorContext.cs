using System.ComponentModel;

namespace Blobs.Errors.Internal;

/// <summary>Puts the name of a document in front of error messages. Parsers see only bytes and do not know the name.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ErrorContext
{
    /// <summary>Runs <paramref name="parse"/> and adds the name to its errors.</summary>
    public static T Run<T>(string name, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception fault) when (fault is MalformedDataException or LimitExceededException)
        {
            throw Add(name, (BlobsException)fault);
        }
    }

    /// <summary>The same error with the name in front of its message.</summary>
    public static BlobsException Add(string name, BlobsException fault) => fault switch
    {
        MalformedDataException malformed => new MalformedDataException(malformed.Fault, malformed.Offset, $"{name}: {fault.Message}"),
        LimitExceededException exceeded => new LimitExceededException(exceeded.Limit, exceeded.Allowed, $"{name}: {fault.Message}"),
        SystemCallException call => new SystemCallException(call.Call, call.Errno, call.Path, $"{name}: {fault.Message}"),
        _ => fault,
    };
}
