internal import AsyncHTTPClient
internal import Mustache

enum Skeleton {}
