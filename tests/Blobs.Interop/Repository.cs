namespace Blobs.Interop;

/// <summary>Where the sources of this very build lie.</summary>
internal static class Repository
{
    public static string Root { get; } = Locate();

    private static string Locate()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Blobs.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("these tests run from inside the repository: Blobs.sln is not above them");
    }
}
