namespace Blobs.Fuzz;

/// <summary>Something that must hold did not.</summary>
internal sealed class FindingException(string message) : Exception(message)
{
    public static void ThrowIf(bool isWrong, string message)
    {
        if (isWrong)
        {
            throw new FindingException(message);
        }
    }
}
