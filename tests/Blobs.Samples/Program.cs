using System.Runtime.Versioning;
using Blobs.Samples;

[assembly: SupportedOSPlatform("linux")]

// Each sample is a whole program in a file of its own.
return args switch
{
    ["build", .. var rest] => await BuildTool.RunAsync(rest),
    ["scan", .. var rest] => await PackageScanner.RunAsync(rest),
    ["serve", .. var rest] => await FileFinder.RunAsync(rest),
    _ => throw new ArgumentException("build, scan or serve"),
};
