namespace Blobs.Errors;

/// <summary>Says in an error which document it is about: whoever parses one knows only its bytes.</summary>
internal static class Naming
{
    /// <summary>What is made of a document that has a name.</summary>
    public static T Of<T>(string name, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception fault) when (fault is MalformedDataException or LimitExceededException)
        {
            throw Of(name, (BlobsException)fault);
        }
    }

    /// <summary>The same error with a name in front.</summary>
    public static BlobsException Of(string name, BlobsException fault) => fault switch
    {
        MalformedDataException malformed => new MalformedDataException(malformed.Fault, malformed.Offset, $"{name}: {fault.Message}"),
        LimitExceededException exceeded => new LimitExceededException(exceeded.Limit, exceeded.Allowed, $"{name}: {fault.Message}"),
        SystemCallException call => new SystemCallException(call.Call, call.Errno, call.Path, $"{name}: {fault.Message}"),
        _ => fault,
    };
}
