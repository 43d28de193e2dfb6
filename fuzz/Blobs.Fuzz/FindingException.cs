namespace Blobs.Fuzz;

/// <summary>A property of a target that did not hold: a finding.</summary>
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
