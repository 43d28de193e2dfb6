namespace Blobs.Registry.Tests.Testing;

/// <summary>The checked-out tree, for tests that read source.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Blobs.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Blobs.sln is nowhere above the test binary.");
    }
}
